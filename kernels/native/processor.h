// Which instruction set to use: what this processor has, or what HANGTAG_NATIVE_ISA asks for.
#pragma once

#include <string>

#include "steps.h"

namespace hangtag {

// The table for `name`, or null when this build or this processor does not have it.
const Steps* steps_named(const std::string& name);

// The table in use: the best there is, until `use` chose another.
const Steps& steps();

// Chooses the table for `name`; false, and nothing changes, when there is none.
bool use(const std::string& name);

}  // namespace hangtag
