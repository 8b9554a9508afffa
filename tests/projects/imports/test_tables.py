import datetime as dt
import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest

from projects.imports import tables
from projects.imports.errors import ImportRefused
from projects.imports.tables import read_table
from tests.projects.imports.conftest import csv_bytes, xlsx_bytes

ROWS = [["ID", "Name", "Note"], ["1", "Bridge", "a\nb"], ["2", "Tunnel", "c;d"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    table = read_table(csv_bytes(ROWS, delimiter))
    assert table.columns == ("ID", "Name", "Note")
    assert [row.cells for row in table.rows] == [tuple(row) for row in ROWS[1:]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_are_found(encoding):
    table = read_table("ID;Prijs\n1;€ 5\n".encode(encoding))
    assert table.rows[0].cells == ("1", "€ 5")


def test_windows_text_is_read_with_a_note():
    table = read_table("ID;Cost (£m)\n1;£5 – “six”\n".encode("cp1252"))
    assert table.rows[0].cells == ("1", "£5 – “six”")
    assert any("Windows-1252" in note for note in table.notes)


def test_text_that_was_decoded_wrongly_is_repaired_and_said():
    wrong = "ID,Cost\n1,£5 – six\n".encode("cp1252").decode("iso8859-2").encode()
    table = read_table(wrong)
    assert table.repaired
    assert table.rows[0].cells == ("1", "£5 – six")
    double = "ID,Cost\n1,£5 – six\n".encode().decode("cp1252").encode()
    assert read_table(double).rows[0].cells == ("1", "£5 – six")


def test_text_that_was_read_as_central_european_is_repaired():
    table = read_table("ID,Cost\n1,£5 – six\n".encode().decode("iso8859-2").encode())
    assert table.rows[0].cells == ("1", "£5 – six")


def test_a_file_that_was_cut_off_is_remarked_upon():
    whole = b"ID,Name,Cost\n1,Bridge,5\n2,Tunnel,6\n3,Canal,7\n"
    assert not read_table(whole).notes
    assert any("cut off" in note for note in read_table(whole[:-9]).notes)


def test_polish_text_is_left_alone():
    table = read_table("ID,Miasto\n1,Łódź\n2,Łomża\n".encode())
    assert not table.repaired
    assert table.rows[0].cells == ("1", "Łódź")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"only\none\n", "one column"),
        (b"a,b\n", "no rows below"),
        (b"a,b\n1,\x00\n", "NUL"),
        (b"PK\x03\x04nonsense", "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "old Excel"),
        (b'a,b\n1,"' + b"x" * 150_000, "quotation mark"),
    ],
    ids=["nothing", "blanks", "one column", "header only", "nul", "not a zip", "old excel", "open quote"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, words):
    with pytest.raises(ImportRefused, match=words):
        read_table(content)


def test_a_header_below_a_title_is_found_and_names_are_made_unique():
    table = read_table(csv_bytes([["Report 2020"], [], ["ID", "Rating", "Rating", ""], ["1", "a", "b", "c"]]))
    assert table.columns[:3] == ("ID", "Rating", "Rating (2)")
    assert table.rows[0].number == 4


def test_a_row_with_too_many_cells_is_set_apart():
    table = read_table(csv_bytes([["ID", "Name"], ["1", "Bridge"], ["2", "Tunnel", "stray"], ["3"]]))
    assert [misfit.number for misfit in table.misfits] == [3]
    assert [row.cells for row in table.rows] == [("1", "Bridge"), ("3", "")]


def test_cells_of_ten_thousand_characters_are_kept():
    long = "word " * 2_000
    assert read_table(csv_bytes([["ID", "Text"], ["1", long]])).rows[0].cells[1] == long
    assert read_table(xlsx_bytes([["ID", "Text"], ["1", long]])).rows[0].cells[1] == long


def test_a_formula_that_an_export_escaped_is_unescaped():
    table = read_table(csv_bytes([["ID", "Name"], ["1", "'=1+1"], ["2", "'quoted'"], ["3", "=1+1"]]))
    assert [row.cells[1] for row in table.rows] == ["=1+1", "'quoted'", "=1+1"]


def test_a_workbook_is_read_like_its_csv():
    table = read_table(
        xlsx_bytes([["ID", "On", "Cost", "Flag"], [7, dt.date(2022, 3, 31), 12.5, True], [8, None, 3.0, None]])
    )
    assert [row.cells for row in table.rows] == [("7", "2022-03-31", "12.5", "TRUE"), ("8", "", "3", "")]


def test_a_formula_without_a_saved_value_stays_as_its_text():
    table = read_table(xlsx_bytes([["ID", "Cost"], ["1", "=SUM(A1:A9)"], ["2", 5]]))
    assert table.rows[0].cells == ("1", "=SUM(A1:A9)")
    assert any("formulas" in note for note in table.notes)


def test_the_sheet_with_the_table_is_chosen_and_the_others_are_named():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([["Notes about this file"]], "Notes")))
    sheet = book.create_sheet("Data")
    for row in ROWS:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue())
    assert table.sheet == "Data"
    assert any("Notes" in note for note in table.notes)
    with pytest.raises(ImportRefused, match="no sheet"):
        read_table(out.getvalue(), sheet="Nothing")


def _bomb(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


PARTS = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


@pytest.mark.parametrize(
    "entries",
    [
        {"xl/worksheets/sheet1.xml": b"<row/>" * 20_000_000},
        {f"xl/part{number}.xml": b"x" for number in range(3_000)},
        {"../../etc/cron.d/x": b"x"},
        {"xl/sharedStrings.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
    ],
    ids=["size", "count", "name", "entity"],
)
def test_a_bomb_is_refused_before_it_is_opened(entries):
    content = _bomb({**PARTS, **entries})
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ImportRefused, match="not opened"):
        read_table(content)
    seconds, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 1
    assert peak < 50 * 1024 * 1024


def test_a_zip_that_is_no_workbook_is_refused():
    with pytest.raises(ImportRefused, match="not an Excel workbook"):
        read_table(_bomb({"readme.txt": b"hello"}))


def test_a_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(ImportRefused, match="the most is"):
        read_table(b"a,b\n1,2\n3,4\n")
