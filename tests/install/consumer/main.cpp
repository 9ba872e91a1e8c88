// main.cpp: the smallest program that includes a public header and links the library.

#include <cellwright/error.h>

#include <cstdio>

int main() {
  try {
    throw cellwright::SpecError("found and linked");
  } catch (const cellwright::Error& e) {
    std::puts(e.what());
  }
  return 0;
}
