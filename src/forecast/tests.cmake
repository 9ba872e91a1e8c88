# Unit tests of this room.
cellwright_test(forecast_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/forecast/baselines_test.cpp
  ${PROJECT_SOURCE_DIR}/src/forecast/conformal_test.cpp
  ${PROJECT_SOURCE_DIR}/src/forecast/forecaster_test.cpp
  ${PROJECT_SOURCE_DIR}/src/forecast/series_windows_test.cpp
  LABELS unit)
