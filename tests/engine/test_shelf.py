from __future__ import annotations

import numpy as np
import pytest

from segtoolkit.engine.shelf import Shelf


def array(number, length=4):
    return np.full(length, number, dtype=np.uint64)


def test_what_was_put_is_taken_again_and_cannot_be_changed():
    shelf = Shelf()

    shelf.put(("a",), array(1))

    assert shelf.take(("a",)).tolist() == [1, 1, 1, 1]
    assert shelf.take(("b",)) is None
    with pytest.raises(ValueError, match="read-only"):
        shelf.take(("a",))[0] = 2


@pytest.mark.parametrize("memory", [1, 32, 64, 100, 10_000])
def test_all_is_there_however_little_stays_in_memory(memory):
    shelf = Shelf(memory)
    kept = {("k", n): array(n, length=n % 5 + 1) for n in range(40)}

    for key, value in kept.items():
        shelf.put(key, value)

    for _ in range(2):
        for key, value in kept.items():
            assert shelf.has(key)
            assert shelf.take(key).tolist() == value.tolist()
            assert shelf.take(key).dtype == np.uint64
    assert shelf._bytes <= max(memory, 40)
    assert shelf._bytes == sum(one.nbytes for one in shelf._in_memory.values())


def test_what_neither_memory_nor_file_holds_is_forgotten():
    shelf = Shelf(32, file=64)

    for number in range(5):
        shelf.put((number,), array(number))

    assert [number for number in range(5) if shelf.has((number,))] == [0, 1, 4]
    assert [shelf.take((number,)) is None for number in (2, 3)] == [True, True]


def test_a_key_has_the_array_put_last():
    shelf = Shelf(1)

    for number in range(3):
        shelf.put(("a",), array(number))
        shelf.put(("b",), array(number + 10))

    assert shelf.take(("a",)).tolist() == [2] * 4
    assert shelf.take(("b",)).tolist() == [12] * 4


def test_dropped_arrays_make_room_in_the_file():
    shelf = Shelf(1, file=3 * 32)

    for round_ in range(4):
        for number in range(4):
            shelf.put((round_, number), array(number))
        assert all(shelf.has((round_, number)) for number in range(4))
        shelf.drop(lambda key, old=round_: key[0] == old)

    assert not shelf.has((3, 0))


def test_a_folder_that_cannot_be_written_loses_only_what_is_not_in_memory(tmp_path, caplog):
    shelf = Shelf(32, folder=tmp_path / "nowhere")

    shelf.put(("a",), array(1))
    shelf.put(("b",), array(2))

    assert shelf.take(("a",)) is None
    assert shelf.take(("b",)).tolist() == [2] * 4
    assert "temporary file" in caplog.text
