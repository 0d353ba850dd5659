# fairlead_room(NAME FLOOR floor [DEPS room…] [LIBS target…])
#
# Declares pkg/NAME as a room: every .cc that is not a test becomes the library fairlead_NAME, every *_test.cc
# part of the executable NAME_test. DEPS are the rooms whose headers it may include, LIBS the outside libraries.
# tests/house holds the code to these declarations.
function(fairlead_room name)
  cmake_parse_arguments(ROOM "" "FLOOR" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|benchmark)\\.cc$")
  list(TRANSFORM ROOM_DEPS PREPEND fairlead_)

  if(sources)
    add_library(fairlead_${name} STATIC ${sources})
    target_link_libraries(fairlead_${name} PUBLIC ${ROOM_DEPS} ${ROOM_LIBS} Threads::Threads)
  else()
    add_library(fairlead_${name} INTERFACE)
    target_link_libraries(fairlead_${name} INTERFACE ${ROOM_DEPS} ${ROOM_LIBS})
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE fairlead_${name} fairlead_test_support GTest::gmock_main)
    add_test(NAME ${name}_test COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
endfunction()
