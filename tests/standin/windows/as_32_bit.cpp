// A client that is a 32-bit one to whoever looks at it, on machines whose kernel or Wine runs no 32-bit programs. Its
// programs are headers only (header_32_bit.cpp), of the kind for which Windows calls the .NET runtime beside them, in
// the machine's own word size: mscoree.dll. This is that library, with the client in it.
#include <windows.h>

int wmain();

extern "C" __declspec(dllexport) int WINAPI _CorExeMain() {
    ::ExitProcess(UINT(wmain()));
}
