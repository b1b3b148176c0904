"""What is refused of a schema before anything native sees it, and in which order it goes on."""

from collections.abc import Callable

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from crontask_operator.callbacks.grpc.descriptor_files import MAX_FILES, DescriptorFiles
from crontask_operator.callbacks.grpc.foreign import ForeignError
from crontask_operator.callbacks.grpc.schema import Schema
from tests.support.hostile_grpc import add_field, delimited, service_file

TWO_FIELDS = DescriptorProto(
    field=2 * [FieldDescriptorProto(name="f", number=1, type=FieldDescriptorProto.TYPE_INT32)]
)


def chain(length: int) -> list[FileDescriptorProto]:
    """Return files of which each imports the next."""
    files = [service_file(name="f0")]
    files += [FileDescriptorProto(name=f"f{index}") for index in range(1, length)]
    for index, file in enumerate(files[:-1]):
        file.dependency.append(f"f{index + 1}")
    return files


def collect(*files: FileDescriptorProto) -> DescriptorFiles:
    """Return the files of a set, complete."""
    collected = DescriptorFiles()
    collected.add_set(FileDescriptorSet(file=files).SerializeToString())
    assert list(collected.missing()) == []
    return collected


def refusal(*files: FileDescriptorProto) -> str:
    """Return why no types can be made of `files`."""
    with pytest.raises(ForeignError) as caught:
        Schema(collect(*files))
    return str(caught.value)


def importing(name: str, *imports: str) -> FileDescriptorProto:
    """Return a file with imports and nothing else."""
    return FileDescriptorProto(name=name, dependency=imports)


def nested(depth: int) -> FileDescriptorProto:
    """Return a file with messages that are defined within one another."""
    message = DescriptorProto(name="A")
    for _ in range(depth - 1):
        message = DescriptorProto(name="A", nested_type=[message])
    file = service_file()
    file.message_type[0].CopyFrom(message)
    return file


class TestImports:
    """Files that import one another."""

    @pytest.mark.parametrize(
        ("files", "error"),
        [
            ([importing("a", "a")], "the imports form a cycle: 'a' imports 'a'"),
            ([importing("a", "b"), importing("b", "a")], "the imports form a cycle: 'a' imports"),
            (
                [importing("a", "b"), importing("b", "c"), importing("c", "b")],
                "the imports form a cycle: '",
            ),
        ],
        ids=["of one", "of two", "after a file"],
    )
    def test_a_cycle_is_refused(self, files: list[FileDescriptorProto], error: str) -> None:
        assert error in refusal(*files).replace(
            "'c' imports 'b' imports 'c'", "'b' imports 'c' imports 'b'"
        )

    def test_a_long_chain_is_refused(self) -> None:
        assert refusal(*chain(20_000)) == "there are more than 1000 files"

    def test_the_longest_chain_that_is_taken_is_built(self) -> None:
        schema = Schema(collect(*chain(MAX_FILES)))
        assert schema.method("S", "Do").request("{}") == b""

    def test_imports_come_before_what_imports_them(self) -> None:
        files = [importing("a", "b", "c"), importing("b", "c"), importing("c")]
        order = [FileDescriptorProto.FromString(file).name for file in collect(*files).ordered()]
        assert order == ["c", "b", "a"]

    def test_too_many_imports_are_refused(self) -> None:
        names = [f"f{index}" for index in range(20_001)]
        with pytest.raises(ForeignError, match="more than 20000 imports"):
            collect(importing("a", *names))

    def test_what_is_missing_is_named(self) -> None:
        files = DescriptorFiles()
        files.add(importing("a", "b").SerializeToString())
        assert list(files.missing()) == ["b"]
        with pytest.raises(ForeignError, match="it lacks the imported file 'b'"):
            files.ordered()

    def test_the_same_file_may_come_twice_but_not_another_of_its_name(self) -> None:
        file = service_file()
        Schema(collect(file, file))
        assert refusal(file, service_file("A", "B")) == (
            "there are two different files called 's.proto'"
        )


class TestProtobufsOwnFiles:
    """Timestamp and the like, which some servers leave out."""

    @pytest.mark.parametrize("imported", [True, False], ids=["imported", "not even imported"])
    @pytest.mark.parametrize(
        ("file", "type_name"),
        [
            ("timestamp", "Timestamp"),
            ("any", "Any"),
            ("struct", "Value"),
            ("type", "Type"),
            ("descriptor", "DescriptorProto.ExtensionRange"),
        ],
    )
    def test_they_are_taken_from_the_library(
        self, file: str, type_name: str, imported: bool
    ) -> None:
        using = service_file()
        add_field(using, 1, f".google.protobuf.{type_name}")
        if imported:
            using.dependency.append(f"google/protobuf/{file}.proto")
        method = Schema(collect(using)).method("S", "Do")
        assert method.reply(b"") == b"{}"

    def test_a_server_may_have_its_own(self) -> None:
        own = FileDescriptorProto(name="own.proto", package="google.protobuf")
        own.message_type.add(name="Timestamp")
        using = service_file()
        add_field(using, 1, ".google.protobuf.Timestamp")
        using.dependency.append("own.proto")
        Schema(collect(using, own)).method("S", "Do")


class TestSize:
    """Schemas that would take more than they are worth."""

    @pytest.mark.parametrize(
        ("file", "error"),
        [
            (nested(33), "messages are nested more than 32 deep"),
            (nested(90), "messages are nested more than 32 deep"),
            (service_file("A" * 256), "names of at most 255 characters, got 256"),
            (service_file(*(f"M{index}" for index in range(60_000))), "24576 KiB of memory"),
            (FileDescriptorProto(name="x" * 1025), "names of at most 1024 characters"),
            (FileDescriptorProto(name="a", package="p" * 256), "names of at most 255 characters"),
        ],
        ids=["nested", "deeply nested", "name", "60,000 messages", "file name", "package"],
    )
    def test_a_file_that_is_too_much_is_refused(
        self, file: FileDescriptorProto, error: str
    ) -> None:
        assert error in refusal(file)

    @pytest.mark.parametrize("what", ["reserved_range", "reserved_name", "extension_range"])
    def test_what_a_message_keeps_free_counts(self, what: str) -> None:
        file = FileDescriptorProto(name="a.proto")
        message = file.message_type.add(name="M")
        for number in range(1, 50_000):
            if what == "reserved_name":
                message.reserved_name.append(f"n{number}")
            else:
                getattr(message, what).add(start=2 * number, end=2 * number + 1)
        assert "more than 24576 KiB of memory" in refusal(file)

    @pytest.mark.parametrize("what", ["reserved_range", "reserved_name"])
    def test_what_an_enum_keeps_free_counts(self, what: str) -> None:
        file = FileDescriptorProto(name="a.proto")
        enum = file.enum_type.add(name="E")
        for number in range(50_000):
            if what == "reserved_name":
                enum.reserved_name.append(f"n{number}")
            else:
                enum.reserved_range.add(start=2 * number, end=2 * number)
        assert "more than 24576 KiB of memory" in refusal(file)

    def test_full_names_count(self) -> None:
        # Each takes what all that it lies in takes: 27 KB of such a file become 44 MB.
        file = nested(32)
        inner = file.message_type[0]
        while inner.nested_type:
            inner.name = "M" * 255
            inner = inner.nested_type[0]
        for index in range(4000):
            inner.field.add(
                name=f"f{index}", number=index + 1, type=FieldDescriptorProto.TYPE_INT32
            )
        assert "KiB of memory" in refusal(file)

    def test_messages_of_two_bytes_are_counted_before_they_are_parsed(self) -> None:
        files = DescriptorFiles()
        with pytest.raises(ForeignError, match="it holds more than 600000 values"):
            files.add(b"\x22\x00" * 500_000)

    def test_all_files_together_are_bounded(self) -> None:
        files = DescriptorFiles()
        for index in range(4):
            files.add(
                FileDescriptorProto(name=f"f{index}").SerializeToString() + padding(1_000_000)
            )
        with pytest.raises(ForeignError, match="the files take more than 4096 KiB"):
            files.add(padding(1_000_000))

    def test_comments_and_positions_are_dropped(self) -> None:
        file = service_file()
        file.source_code_info.location.add(leading_comments="x" * 1000)
        (kept,) = collect(file).ordered()
        assert kept == service_file().SerializeToString()


def padding(size: int) -> bytes:
    """Return an unknown field of `size` bytes."""
    return delimited(1000, b"x" * size)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda file: setattr(file, "syntax", "proto9"), "Invalid syntax 'proto9'"),
        (lambda file: add_field(file, 0, "TYPE_INT32"), "invalid field number (0)"),
        (lambda file: file.message_type.add(name="1"), "invalid name"),
        (lambda file: file.message_type.add(name="A"), "duplicate symbol 'A'"),
        (lambda file: add_field(file, 1, ".Nobody"), "couldn't resolve name '.Nobody'"),
        (lambda file: file.message_type[0].MergeFrom(TWO_FIELDS), "duplicate field name"),
    ],
    ids=["syntax", "field number", "name", "duplicate", "unresolved", "duplicate field"],
)
def test_what_cannot_be_built_is_told_in_protobufs_words(
    spoil: Callable[[FileDescriptorProto], object], error: str
) -> None:
    file = service_file()
    spoil(file)
    assert error in refusal(file)
