# Builds and runs tests/install/consumer against an installed copy (WAY=installed) or the source tree (WAY=subdirectory).
# Everything happens in BUILD/install_test/WAY, made anew, except that the second way keeps its objects for the next run.
set(folder ${BUILD}/install_test/${WAY})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${result}): ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(options -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
if(WAY STREQUAL "installed")
  file(REMOVE_RECURSE ${folder})
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${folder}/prefix)
  foreach(file include/cellwright/cellwright.h share/cellwright/cells/lstm.cell)
    if(NOT EXISTS ${folder}/prefix/${file})
      message(FATAL_ERROR "not installed: ${file}")
    endif()
  endforeach()
  list(APPEND options -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${folder}/prefix)
  if(SANITIZE)  # the installed library needs the sanitizer's run time
    list(APPEND options -DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE})
  endif()
else()
  # The library is compiled once more, so as cheaply as it can be: no optimisation, no SIMD.
  list(APPEND options -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=-O0 -DHWY_COMPILE_ONLY_STATIC"
    -DCELLWRIGHT_SUBDIRECTORY=${SOURCE})
endif()
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/install/consumer -B ${folder}/build ${options})
run(${CMAKE_COMMAND} --build ${folder}/build)
run(${folder}/build/consumer)
message(STATUS "${output}")
