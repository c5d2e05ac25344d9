"""Some rows and columns of a product in a processor's registers: what all kernels are made of."""

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.core.errors import TypingError
from numba.extending import intrinsic

from labelnoise.kernels import NARROW, cache  # noqa: F401 (of what numba keeps)

# Sums are in the order in which they are written: with `reassoc` a processor would choose it. Without `nnan` and
# `ninf`: a diverged run must stay one.
COMPILED = {"cache": True, "error_model": "numpy", "fastmath": {"contract"}}
FLOATS = {"float": "f32", "double": "f64"}  # LLVM's name of a type: its suffix in the names of functions
# Rows and columns of a product that a processor's registers hold at once; of columns that are left, NARROW.
ROWS, COLUMNS = (8, 32) if "+avx512f" in get_host_cpu_features() else (6, NARROW)


def _tile(rows: int, columns: int) -> Callable[..., None]:
    """A function that computes c[i, j], the sum over k of a[i, k] b[k, j], for some rows and columns.

    Of each matrix it is given the array, the element where the part starts, and how many elements lie between two
    i or two k; between two j it is one. Of k there is one at least.
    """

    @intrinsic
    def tile(typing, a, a0, ai, ak, b, b0, bk, c, c0, ci, depth):
        require_rows(a, b, c)
        return types.void(a, a0, ai, ak, b, b0, bk, c, c0, ci, depth), partial(_emit_tile, rows, columns)

    return tile


def _tile_of_blocks(rows: int, columns: int) -> Callable[..., None]:
    """One that sums over blocks as well: blocks[first] to blocks[last - 1], of which there is one at least. Each
    is a pair of how many times `a_apart` and `b_apart` it lies further on in a and b."""

    @intrinsic
    def tile(typing, a, a0, ai, ak, b, b0, bk, c, c0, ci, depth, blocks, first, last, a_apart, b_apart):
        require_rows(a, b, c)
        given = a, a0, ai, ak, b, b0, bk, c, c0, ci, depth, blocks, first, last, a_apart, b_apart
        return types.void(*given), partial(_emit_tile, rows, columns)

    return tile


def require_rows(*arrays: Any) -> None:
    """TypingError, where the kernel is compiled, unless rows lie one after the other, of numbers of one type."""
    if {(array.layout, array.dtype) for array in arrays} != {("C", arrays[0].dtype)}:
        raise TypingError(f"arrays {', '.join(map(str, arrays))}; allowed: rows one after the other, of one type")


def _emit_tile(rows: int, columns: int, context: Any, at: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
    a, b, c = (_pointer(context, at, signature, args, k) for k in (0, 4, 7))
    ai, ak, bk, ci, depth = (args[k] for k in (2, 3, 6, 9, 10))
    blocks = _blocks(context, at, signature, args[11:]) if args[11:] else _one_block(at, depth.type)
    made = _instructions(at.module, rows, columns, a.type, blocks[0].type)
    at.call(made, [a, ai, ak, b, bk, c, ci, depth, *blocks])
    return context.get_dummy_value()


def _blocks(context: Any, at: ir.IRBuilder, signature: Any, args: Any) -> list[ir.Value]:
    """Where they are, how many, and how far apart."""
    pairs, first, last, *apart = args
    array = context.make_array(signature.args[11])(context, at, pairs)
    return [at.gep(array.data, [at.mul(first, first.type(2))]), at.sub(last, first), *apart]


def _one_block(at: ir.IRBuilder, whole: ir.Type) -> list[ir.Value]:
    pair = ir.Constant(ir.ArrayType(whole, 2), [0, 0])
    place = cgutils.global_constant(at.module, "labelnoise.one.block", pair)
    return [at.bitcast(place, whole.as_pointer()), whole(1), whole(0), whole(0)]


@intrinsic
def move(typing, source, at, target, to):
    """Copies COLUMNS elements of `source`, from `at` on, to where `to` is in `target`."""
    require_rows(source, target)
    return types.void(source, at, target, to), _emit_move


def _emit_move(context: Any, at: ir.IRBuilder, signature: Any, args: Any) -> ir.Value:
    source, target = (_pointer(context, at, signature, args, k) for k in (0, 2))
    whole = ir.VectorType(source.type.pointee, COLUMNS).as_pointer()
    at.store(at.load(at.bitcast(source, whole), align=1), at.bitcast(target, whole), align=1)
    return context.get_dummy_value()


def _pointer(context: Any, at: ir.IRBuilder, signature: Any, args: Any, k: int) -> ir.Value:
    """To an element of the argument `k`, an array; the next argument says which."""
    array = context.make_array(signature.args[k])(context, at, args[k])
    return at.gep(array.data, [args[k + 1]])


def _instructions(module: ir.Module, rows: int, columns: int, pointer: ir.Type, pairs: ir.Type) -> ir.Function:
    """A tile as a loop over blocks, and in it over k, on vectors that LLVM cuts to those of the processor. It is a
    function of its own, so that what surrounds it takes none of its registers."""
    name = f"labelnoise.tile.{rows}.{columns}.{pointer.pointee}"
    if name in module.globals:
        return module.globals[name]
    whole = pairs.pointee
    given = [pointer, whole, whole, pointer, whole, pointer, whole, whole, pairs, whole, whole, whole]
    made = ir.Function(module, ir.FunctionType(ir.VoidType(), given), name)
    made.linkage = "internal"
    made.attributes.add("noinline")
    a, ai, ak, b, bk, c, ci, depth, block, count, a_apart, b_apart = made.args
    sums = [ir.VectorType(pointer.pointee, columns)] * rows
    before, outer, inner, between, after = (made.append_basic_block() for _ in range(5))
    ir.IRBuilder(before).branch(outer)
    at = ir.IRBuilder(outer)
    blocks = [at.phi(kind) for kind in (whole, pairs, *sums)]
    own = at.gep(a, [at.mul(at.load(blocks[1]), a_apart)])
    other = at.gep(b, [at.mul(at.load(at.gep(blocks[1], [whole(1)])), b_apart)])
    at.branch(inner)
    at = ir.IRBuilder(inner)
    now = [at.phi(kind) for kind in (whole, pointer, pointer, *sums)]
    row = at.load(at.bitcast(now[2], sums[0].as_pointer()), align=1)
    factors = [at.load(at.gep(now[1], [at.mul(whole(i), ai)])) for i in range(rows)]
    added = [_multiply_add(at, factor, row, total) for factor, total in zip(factors, now[3:], strict=True)]
    then = [at.sub(now[0], whole(1)), at.gep(now[1], [ak]), at.gep(now[2], [bk]), *added]
    _repeat(now, [depth, own, other, *blocks[2:]], outer, then, inner)
    at.cbranch(at.icmp_signed(">", then[0], whole(0)), inner, between)
    at = ir.IRBuilder(between)
    following = [at.sub(blocks[0], whole(1)), at.gep(blocks[1], [whole(2)]), *added]
    _repeat(blocks, [count, block, *(ir.Constant(kind, None) for kind in sums)], before, following, between)
    at.cbranch(at.icmp_signed(">", following[0], whole(0)), outer, after)
    at = ir.IRBuilder(after)
    for i, total in enumerate(added):
        at.store(total, at.bitcast(at.gep(c, [at.mul(whole(i), ci)]), total.type.as_pointer()), align=1)
    at.ret_void()
    return made


def _repeat(values: list, first: list, before: ir.Block, then: list, loop: ir.Block) -> None:
    """The values of a loop: at first what is there before, later what its last round leaves."""
    for value, start, following in zip(values, first, then, strict=True):
        value.add_incoming(start, before)
        value.add_incoming(following, loop)


def _multiply_add(at: ir.IRBuilder, factor: ir.Value, row: ir.Value, total: ir.Value) -> ir.Value:
    """factor times row, plus total, rounded once."""
    vector, first = row.type, ir.VectorType(ir.IntType(32), row.type.count)
    empty = ir.Constant(vector, ir.Undefined)
    one = at.insert_element(empty, factor, first.element(0))
    factors = at.shuffle_vector(one, empty, ir.Constant(first, None))
    name = f"llvm.fma.v{vector.count}{FLOATS[str(vector.element)]}"
    fused = cgutils.get_or_insert_function(at.module, ir.FunctionType(vector, [vector] * 3), name)
    return at.call(fused, [factors, row, total])


full_tile, narrow_tile, row_tile = _tile(ROWS, COLUMNS), _tile(ROWS, NARROW), _tile(1, NARROW)
full_tiles, narrow_tiles, row_tiles = (
    _tile_of_blocks(*size) for size in ((ROWS, COLUMNS), (ROWS, NARROW), (1, NARROW))
)
