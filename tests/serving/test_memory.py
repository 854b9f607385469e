from musicgen.serving.memory import Memory


def test_what_was_not_used_for_the_longest_time_goes_first():
    memory = Memory(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]


def test_room_is_counted_by_size_and_given_back():
    memory = Memory(10, len)
    memory.put("a", b"1234")
    memory.put("a", b"12345678")
    memory.put("b", b"12")
    assert memory.get("a")
    assert memory.get("b")
    memory.put("c", b"1234")
    assert [memory.get(key) is None for key in "abc"] == [True, False, False]


def test_what_is_larger_than_all_the_room_is_not_kept():
    memory = Memory(3, len)
    memory.put("a", b"1")
    memory.put("b", b"1234")
    assert (memory.get("a"), memory.get("b")) == (None, None)
