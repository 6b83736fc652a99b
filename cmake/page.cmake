# Builds the page (web/) with npm and puts its files into a target; with PASU_WEB=OFF an empty list.
function(pasu_embed_page target)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/page)
  set(embed ${CMAKE_SOURCE_DIR}/scripts/embed_page.py)
  if(NOT PASU_WEB)
    set(dist "")
    set(sources "")
  else()
    set(web ${CMAKE_SOURCE_DIR}/web)
    if(NOT EXISTS ${web}/node_modules)
      message(FATAL_ERROR "The page's npm packages are not in web/node_modules. Run scripts/setup.sh, or build without the page: -DPASU_WEB=OFF")
    endif()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/*.json ${web}/*.ts ${web}/*.html)
    list(FILTER sources EXCLUDE REGEX "/(node_modules|dist)/")
    set(dist ${out}/dist)
    add_custom_command(OUTPUT ${dist}/index.html
      COMMAND npm --prefix ${web} run --silent build -- --outDir ${dist} --emptyOutDir --logLevel warn
      WORKING_DIRECTORY ${web} DEPENDS ${sources} COMMENT "Building the page" VERBATIM)
    set(sources ${dist}/index.html)
  endif()
  add_custom_command(OUTPUT ${out}/page_files.cc ${out}/page_files.S
    COMMAND python3 ${embed} ${out} ${dist}
    DEPENDS ${embed} ${sources} COMMENT "Embedding the page" VERBATIM)
  target_sources(${target} PRIVATE ${out}/page_files.cc ${out}/page_files.S)
endfunction()
