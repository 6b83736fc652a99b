# A room is one static library, its link list taken from src/deps.txt, with its tests and fuzzers beside it.
#
#   pasu_room(bits
#     HEADERS nal.h sps.h                 # public: other rooms may include them
#     SOURCES nal.cc sps.cc
#     LIBS PkgConfig::AVCODEC             # outside libraries, private unless after PUBLIC_LIBS
#     TESTS nal_test.cc                   # one gtest program: pasu_bits_test
#     MEDIA                               # the tests read the clips of tests/make_media.sh in $PASU_TEST_MEDIA
#     FUZZERS nal_fuzz.cc)                # libFuzzer under clang; replays src/bits/testdata/nal_fuzz/ otherwise
#
# The room train/data is the target pasu_train_data.

file(STRINGS ${CMAKE_SOURCE_DIR}/src/deps.txt deps_lines REGEX "^[a-z]")
set(PASU_ROOMS "")
foreach(line IN LISTS deps_lines)
  string(REGEX MATCH "^([a-z_/]+): *(.*)$" _ "${line}")
  set(room_name ${CMAKE_MATCH_1})
  string(REPLACE " " ";" room_deps "${CMAKE_MATCH_2}")
  if(room_deps STREQUAL "*")
    set(room_deps ${PASU_ROOMS})
  endif()
  set(PASU_DEPS_${room_name} ${room_deps})
  list(APPEND PASU_ROOMS ${room_name})
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/deps.txt)

# Every program is passed through here: sanitizers are told what outside libraries do.
function(pasu_program target)
  if(PASU_SANITIZE)
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/testing/sanitizers.cc)
  endif()
endfunction()

function(pasu_room name)
  cmake_parse_arguments(ARG "MEDIA" ""
    "HEADERS;SOURCES;LIBS;PUBLIC_LIBS;TESTS;TEST_LIBS;FUZZERS;BENCHES;BENCH_LIBS" ${ARGN})
  set(links ${PASU_DEPS_${name}})
  string(REPLACE "/" "_" name ${name})
  set(target pasu_${name})
  list(TRANSFORM links PREPEND pasu_)
  list(TRANSFORM links REPLACE "/" "_")
  add_library(${target} STATIC ${ARG_SOURCES})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${ARG_HEADERS})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(${target} PUBLIC ${links} ${ARG_PUBLIC_LIBS} PRIVATE ${ARG_LIBS})

  if(PASU_TESTS AND ARG_TESTS)
    add_executable(${target}_test ${ARG_TESTS})
    pasu_program(${target}_test)
    target_link_libraries(${target}_test PRIVATE ${target} ${ARG_LIBS} ${ARG_TEST_LIBS} GTest::gmock_main)
    target_compile_definitions(${target}_test PRIVATE
      PASU_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata" PASU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${target}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
    if(ARG_MEDIA)
      set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED media
        ENVIRONMENT PASU_TEST_MEDIA=${CMAKE_BINARY_DIR}/media)
    endif()
  endif()
  if(PASU_TESTS)
    foreach(fuzzer IN LISTS ARG_FUZZERS)
      pasu_fuzzer(${fuzzer} ${target} ${ARG_LIBS})
    endforeach()
  endif()
  if(PASU_BENCHES AND ARG_BENCHES)
    add_executable(${target}_bench ${ARG_BENCHES})
    target_link_libraries(${target}_bench PRIVATE ${target} ${ARG_LIBS} ${ARG_BENCH_LIBS} benchmark::benchmark_main)
    target_compile_definitions(${target}_bench PRIVATE PASU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  endif()
endfunction()

# One fuzzer. Its corpus (the odd inputs found so far) is testdata/<file name without .cc>/ beside it.
function(pasu_fuzzer source)
  cmake_path(GET source STEM stem)
  set(target pasu_${stem})
  add_executable(${target} ${source})
  pasu_program(${target})
  target_link_libraries(${target} PRIVATE ${ARGN})
  if(PASU_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/testing/fuzz_replay.cc)
    add_test(NAME ${stem}_replay COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/testdata/${stem})
    set_tests_properties(${stem}_replay PROPERTIES TIMEOUT 900)
  endif()
endfunction()
