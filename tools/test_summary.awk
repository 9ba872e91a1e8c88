# test_summary.awk: from ctest's JUnit report, what was skipped and why, and one closing line. Used by scripts/test.
# A gtest tells its reason in its output: "FILE:LINE: Skipped" and the message. Exit 1 when no test ran.

function plain(s) {
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&apos;/, "'", s); gsub(/&amp;/, "\\&", s)
  return s
}
function attribute(key) {
  return match($0, " " key "=\"[^\"]*\"") ? plain(substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4)) : ""
}
/<testcase / {
  tests++
  name = attribute("name")
  status = attribute("status")
  # "notrun" is also what ctest calls a test whose program is missing: that is a failure unless <skipped> says otherwise.
  state = status == "run" ? "passed" : status == "disabled" ? "skipped" : "failed"
  reason = status == "disabled" ? "disabled" : ""
  next_line = 0
}
/<skipped message="SKIP_/ { state = "skipped" }
next_line && /^\[  SKIPPED/ { next_line = 0 }
next_line && NF { reason = plain($0); next_line = 0 }
/: Skipped$/ { next_line = 1 }
/<\/testcase>/ {
  count[state]++
  if (state == "skipped") list[++skipped] = "  " name ": " (reason != "" ? reason : "no reason given")
}
END {
  if (skipped) {
    print "\nSkipped, and why:"
    for (i = 1; i <= skipped; i++) print list[i]
  }
  printf "\n%d passed, %d failed, %d skipped\n", count["passed"], count["failed"], count["skipped"]
  if (tests == 0) { print "no test ran"; exit 1 }
}
