# Unit tests of this room; those of real data skip where it is missing.
cellwright_test(data_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/data/real_text_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/series_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/split_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/streams_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/subwords_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/text_pieces_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/text_source_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/token_view_test.cpp
  ${PROJECT_SOURCE_DIR}/src/data/vocabulary_test.cpp
  LABELS unit LIBRARIES ZLIB::ZLIB)
cellwright_test(data_sequences_test SOURCES ${PROJECT_SOURCE_DIR}/src/data/sequences_test.cpp LABELS unit)
cellwright_test(data_piano_roll_test SOURCES ${PROJECT_SOURCE_DIR}/src/data/piano_roll_test.cpp LABELS unit)
cellwright_test(data_labelled_test SOURCES ${PROJECT_SOURCE_DIR}/src/data/labelled_test.cpp LABELS unit)
cellwright_test(data_audio_test SOURCES ${PROJECT_SOURCE_DIR}/src/data/audio_test.cpp LABELS unit)
cellwright_test(data_tagged_test SOURCES ${PROJECT_SOURCE_DIR}/src/data/tagged_test.cpp LABELS unit)
