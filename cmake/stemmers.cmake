# libstemmer's table of stemmers names every one in every encoding, so that all of them would be in the
# program: tables full of pointers, which the loader has to set in each process. ns asks for UTF-8, and
# never for Porter's first stemmer. Symbols that are there already, as 0, bring nothing in with them.
set(NS_OTHER_STEMMERS porter_UTF_8 russian_KOI8_R hungarian_ISO_8859_2 romanian_ISO_8859_2)
foreach(name basque catalan danish dutch english finnish french german indonesian irish italian
             norwegian porter portuguese spanish swedish)
  list(APPEND NS_OTHER_STEMMERS ${name}_ISO_8859_1)
endforeach()
foreach(name ${NS_OTHER_STEMMERS})
  foreach(part create_env close_env stem)
    target_link_options(ns PRIVATE -Wl,--defsym,${name}_${part}=0)
  endforeach()
endforeach()
