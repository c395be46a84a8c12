# One ctest case for each class of tests/cli/test_<what>.py.
function(ns_cli_test what)
  foreach(class ${ARGN})
    add_test(NAME cli/${class}
             COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tests/cli/test_${what}.py
                     $<TARGET_FILE:ns> ${CMAKE_SOURCE_DIR} ${class})
    set_tests_properties(cli/${class} PROPERTIES LABELS cli TIMEOUT 600)
    ns_label_threads(cli/${class} cli/test_${what}.py ns)
  endforeach()
endfunction()

ns_cli_test(search Corpus Marks Language Lines Hits)
ns_cli_test(language Forms)
ns_cli_test(results Formats Html Ranges Reading Orders)
ns_cli_test(copies Copies)
ns_cli_test(count Count)
ns_cli_test(similar Similar)
ns_cli_test(suggest Suggest)
ns_cli_test(input Input Shared)
ns_cli_test(parallel Parallel)
ns_cli_test(bad_input Records Files Disks Sizes)
ns_cli_test(messages Messages)
ns_cli_test(updates Updates)
ns_cli_test(no_text NoText)
ns_cli_test(stopping Stopping Readers Progress)
ns_cli_test(bench Bench)
ns_cli_test(eval Eval)
ns_cli_test(terminal Terminal)
set_tests_properties(cli/Progress PROPERTIES LABELS cli) # one thread
set_tests_properties(cli/Shared PROPERTIES LABELS "cli;release" TIMEOUT 900 COST 40)
# Which answers come first: a hundred processes, and nothing for sanitizers.
set_tests_properties(cli/Corpus PROPERTIES LABELS "cli;release")
set_tests_properties(cli/Parallel cli/Sizes cli/Updates PROPERTIES COST 30)
