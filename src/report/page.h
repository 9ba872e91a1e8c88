// page.h: inner header of report.cpp: the files of page/ as the build found them.
#pragma once

namespace cellwright {

struct PageFile {
  const char* name;  ///< "report.css"; null behind the last
  const char* text;
};
extern const PageFile kPageFiles[];

}  // namespace cellwright
