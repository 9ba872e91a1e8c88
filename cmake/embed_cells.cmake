# Writes OUTPUT, a C++ file with the texts of all cells in FOLDER: cmake -DFOLDER=cells -DOUTPUT=x.cpp -P embed_cells.cmake
file(GLOB cells ${FOLDER}/*.cell)
list(SORT cells)
set(code "// Made from cells/*.cell by cmake/embed_cells.cmake.\n#include \"language/shipped.h\"\n\nnamespace cellwright {\n")
string(APPEND code "const EmbeddedCell kEmbeddedCells[] = {\n")
foreach(cell ${cells})
  get_filename_component(name ${cell} NAME_WE)
  file(READ ${cell} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
  # One literal a file; a hexadecimal escape ends with the next backslash, so no text can run into it.
  string(APPEND code "    {\"${name}\", \"${bytes}\"},\n")
endforeach()
string(APPEND code "    {nullptr, nullptr},\n};\n}  // namespace cellwright\n")
file(WRITE ${OUTPUT} "${code}")
