"""One small net of every family, with the ops that it is known for."""

from __future__ import annotations

RESNEXT = """net resnext
input 3x32x32 classes 10
default conv same norm=batch act=relu
block unit(n, out, s = 1):
  [ conv 1x1 n > conv 3x3/(s, s) n groups=4 > conv 1x1 out act=none
  + id when (s == 1 and channels == out)
  + conv 1x1/(s, s) out act=none when (s > 1 or channels != out) ] > relu
stem: conv 7x7/2 8 > maxpool 3x3/2 same
body: unit(8, 16) > unit(16, 32, 2) > unit(16, 32)
head: avgpool global > linear classes
"""

MOBILENET = """net mobilenet "inverted residuals with gates, as in V3 and EfficientNet"
input 3x32x32 classes 10
default conv same norm=batch act=hardswish
default dwconv same norm=batch act=hardswish
block gate(r):
  [ id * avgpool global > conv 1x1 (channels/r) norm=none act=relu
    > conv 1x1 channels norm=none act=hardsigmoid ]
block unit(wide, out, k, s):
  [ conv 1x1 wide > dwconv (k, k)/(s, s) > gate(4) > conv 1x1 out act=none > droppath 0.2
  + id when (s == 1 and channels == out) ]
stem: conv 3x3/2 8
body: unit(16, 8, 3, 1) > unit(32, 16, 5, 2) > unit(48, 16, 5, 1)
head: conv 1x1 32 > avgpool global > linear 24 > hardswish > dropout 0.2 > linear classes
"""

SHUFFLENET = """net shufflenet
input 3x32x32 classes 10
default conv same norm=batch act=relu
default dwconv same norm=batch
block unit(n):
  [ part 1/2 | part 2/2 > conv 1x1 n > dwconv 3x3 > conv 1x1 n ] > shuffle 2
block down(n):
  [ dwconv 3x3/2 > conv 1x1 n | conv 1x1 n > dwconv 3x3/2 > conv 1x1 n ] > shuffle 2
stem: conv 3x3/2 8 > maxpool 3x3/2 same
body: down(8) > repeat 2 (unit(8)) > down(16) > unit(16)
head: conv 1x1 32 > avgpool global > linear classes
"""

DENSENET = """net densenet
input 3x32x32 classes 10
block layer(k):
  [ id | batchnorm > relu > conv 1x1 (4*k) nobias > batchnorm > relu > conv 3x3 k nobias ]
block transition():
  batchnorm > relu > conv 1x1 (channels/2) nobias > avgpool 2x2/2 valid
stem: conv 7x7/2 16 norm=batch act=relu > maxpool 3x3/2 same
body: repeat 3 (layer(8)) > transition() > repeat 2 (layer(8))
head: batchnorm > relu > avgpool global > linear classes
"""

CELLS = """net cells "sums of values, as in NASNet and NAS-Bench-201"
input 3x16x16 classes 10
block op(n):
  relu > conv 3x3 n norm=batch
block cell(n):
  x0: id
  x1: x0 > op(n)
  x2: [ x0 > zero + x1 > avgpool 3x3 same excludepad ]
  x3: [ x0 + x1 > relu > conv 1x1 n norm=batch + x2 > op(n) ]
  [ x2 | x3 ] > relu > dwconv 5x5 > conv 1x1 n norm=batch
stem: conv 3x3 8 norm=batch
body: cell(8) > [ conv 3x3/2 16 norm=batch > op(16) + avgpool 2x2/2 valid > conv 1x1 16 ] > cell(16)
head: batchnorm > relu > avgpool global > linear classes
"""

CONVNEXT = """net convnext
input 3x32x32 classes 10
block unit(n):
  [ dwconv 7x7 norm=layer bias > conv 1x1 (4*n) act=gelu > conv 1x1 n > layerscale > droppath 0.1
  + id ]
stem: conv 4x4/4 8 valid bias norm=layer
body: repeat 2 (unit(8)) > layernorm > conv 2x2/2 16 valid > unit(16)
head: avgpool global > layernorm eps=1e-6 > linear classes
"""

RESIDUALS = """net residuals "scaled residuals, other norms, larger grids"
input 3x16x16 classes 10
stem: conv 3x3 8 > groupnorm 4 > prelu
body: repeat 2 ([ [ conv 1x1 4 | conv 1x3 4 > conv 3x1 4 ] > conv 1x1 8 > scale 0.17 + id ] > mish)
small: maxpool 2x2/2 valid > conv 3x3 8 act=leakyrelu
wide: [ small > upsample 2 | body > conv 3x3/2 8 act=elu > upsample 2 bilinear ]
pooled: [ avgpool to=4x4 | maxpool 4x4/4 valid > softplus ] > dwconv 3x3 multiplier=2
head: [ maxpool global | avgpool global ] > softmax > linear classes
"""

VIT = """net vit
input 3x32x32 classes 10
block encoder(d, h):
  [ layernorm eps=1e-6 > attention h > droppath 0.1 + id ]
  > [ layernorm eps=1e-6 > linear (4*d) > gelu > dropout 0.1 > linear d > layerscale + id ]
stem: conv 8x8/8 24 valid > tokens > classtoken > positions > dropout 0.1
body: repeat 2 (encoder(24, 3))
head: layernorm > token 1 > linear classes
"""

TRANSLATOR = """net translator "an encoder, and a decoder that looks at what it puts out"
input ids 12 classes 50
block encoder(d):
  [ attention 4 + id ] > layernorm > [ linear (2*d) > relu > linear d + id ] > layernorm
block decoder(d):
  [ attention 2 causal + id ] > layernorm > [ attention 2 to=memory + id ] > layernorm
  > [ linear (2*d) > relu > linear d + id ] > layernorm
memory: embedding 100 24 > positions > repeat 2 (encoder(24))
words: input > embedding 50 16 > scale 4 > positions > repeat 2 (decoder(16))
head: linear classes nobias > softmax
"""

HYBRID = """net hybrid "attention between convolutions"
input 3x16x16 classes 10
stem: conv 3x3/2 8 norm=batch act=silu
body: tokens > [ layernorm > attention 2 + id ] > grid 8x8 > conv 3x3 8
back: tokens > part 2/2 > avgpool global
head: linear classes
"""

SIGNAL = """net signal "one axis"
input 2x40 classes 3
stem: conv 5/2 8 norm=layer act=gelu > dwconv 5 norm=batch act=relu6 > shuffle 2 > lrn
body: [ part 1/2 | part 2/2 > upsample 2 > maxpool 2/2 valid ] > groupnorm 2 > layerscale
more: [ upsample 3 bilinear > avgpool to=20 + id ] > tokens > positions > attention 2 > grid 20
head: [ avgpool global | maxpool global ] > linear classes
"""

FAMILIES = {
    "resnext": RESNEXT,
    "mobilenet": MOBILENET,
    "shufflenet": SHUFFLENET,
    "densenet": DENSENET,
    "cells": CELLS,
    "convnext": CONVNEXT,
    "residuals": RESIDUALS,
    "vit": VIT,
    "translator": TRANSLATOR,
    "hybrid": HYBRID,
    "signal": SIGNAL,
}
