# Unit tests of this room.
cellwright_test(draw_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/draw/svg_test.cpp
  ${PROJECT_SOURCE_DIR}/src/draw/scale_test.cpp
  ${PROJECT_SOURCE_DIR}/src/draw/plot_test.cpp
  ${PROJECT_SOURCE_DIR}/src/draw/diagram_test.cpp
  LABELS unit)
