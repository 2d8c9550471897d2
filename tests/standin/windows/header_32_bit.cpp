// A 32-bit program that says of itself that it is .NET's and nothing else: client_32.sh enters this into its header.
namespace {
// IMAGE_COR20_HEADER: its size, a version of the runtime, no metadata, COMIMAGE_FLAGS_ILONLY.
[[gnu::section(".clr"), gnu::used]] const unsigned runtime[18] = {sizeof runtime, 2 | 5 << 16, 0, 0, 1};
} // namespace

int main() {}
