// The fastest products of matrices that the processor has.
#pragma once
#include "product.h"
#ifdef __AMX_TILE__
#include "tiles.h"
#endif

namespace banyan {

#ifdef __AMX_TILE__
using Products = OnTiles;
#else
using Products = OnVectors;
#endif

}  // namespace banyan
