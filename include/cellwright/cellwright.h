// cellwright.h: all of the public API. Start at cell.h.
#pragma once

#include "cellwright/cell.h"
#include "cellwright/error.h"
#include "cellwright/look.h"
#include "cellwright/step.h"
#include "cellwright/text.h"
#include "cellwright/text_model.h"
