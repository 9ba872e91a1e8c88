# Tests of this room. The page in a browser: tests/app/report_page.py.
cellwright_test(report_test SOURCES ${PROJECT_SOURCE_DIR}/src/report/report_test.cpp
  ${PROJECT_SOURCE_DIR}/src/report/report_text_test.cpp LABELS unit LIBRARIES ZLIB::ZLIB)
