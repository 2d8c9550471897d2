# Cross-building for 64-bit Windows with Debian's mingw-w64 (posix threads), against the static libraries that
# build-libraries.sh has made. AUTODEPLOY_WINDOWS_LIBRARIES names their folder: as a variable of CMake or of the environment.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(triplet x86_64-w64-mingw32)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES AUTODEPLOY_WINDOWS_LIBRARIES)
if(NOT AUTODEPLOY_WINDOWS_LIBRARIES)
    set(AUTODEPLOY_WINDOWS_LIBRARIES "$ENV{AUTODEPLOY_WINDOWS_LIBRARIES}" CACHE PATH "folder of the static libraries")
endif()

set(CMAKE_C_COMPILER ${triplet}-gcc-posix)
set(CMAKE_CXX_COMPILER ${triplet}-g++-posix)
set(CMAKE_RC_COMPILER ${triplet}-windres)
find_program(CMAKE_MC_COMPILER ${triplet}-windmc) # Poco asks for mc.exe
find_program(CMAKE_AR ${triplet}-gcc-ar-posix)
find_program(CMAKE_RANLIB ${triplet}-gcc-ranlib-posix)

set(CMAKE_FIND_ROOT_PATH ${AUTODEPLOY_WINDOWS_LIBRARIES} /usr/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_PREFIX_PATH ${AUTODEPLOY_WINDOWS_LIBRARIES})
set(CMAKE_FIND_LIBRARY_SUFFIXES .a .dll.a)

set(CMAKE_C_FLAGS_INIT "-D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00 -DPCRE_STATIC -DLZMA_API_STATIC -DLIBARCHIVE_STATIC -DYAML_CPP_STATIC_DEFINE")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -static-libgcc -static-libstdc++")
