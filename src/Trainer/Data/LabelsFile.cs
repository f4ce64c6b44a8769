using MnistLstm.Trainer.Errors;
using nietras.SeparatedValues;

namespace MnistLstm.Trainer.Data;

/// <summary>One line of a <see cref="LabelsFile"/>.</summary>
/// <param name="Number">The number of the line in the file, from 1.</param>
/// <param name="File">Name of the picture, relative to the folder; "" where the line has none.</param>
/// <param name="Label">Null where the line ends before it.</param>
/// <param name="Style">The kind of picture; "" if unknown.</param>
public sealed record LabelLine(int Number, string Line, string File, string? Label, string Style);

/// <summary>
/// A <c>labels.csv</c> as RFC 4180 describes it: a header names the columns, in any order; the separator is the one
/// that the first line uses. Without a header a line is a file and its label.
/// </summary>
public static class LabelsFile
{
    public const string Name = "labels.csv";

    private const int MaxQuoted = 100; // characters of a line in a message

    private static readonly string[] FileColumns = ["file", "filename", "file_name", "image", "image_path", "path"];

    /// <summary>Reads the lines that are not blank.</summary>
    /// <param name="labelColumns">Names that the column with the labels may have.</param>
    /// <exception cref="TrainerException">The file cannot be read.</exception>
    public static IReadOnlyList<LabelLine> Read(string path, params IEnumerable<string> labelColumns)
    {
        List<LabelLine> lines = [];
        Columns? columns = null;
        try
        {
            using SepReader reader = Sep
                .Reader(o =>
                    o with { HasHeader = false, Unescape = true, DisableColCountCheck = true, Trim = SepTrim.All })
                .FromFile(path);
            foreach (SepReader.Row row in reader)
            {
                string[] cells = row[..].ToStringsArray();
                if (Array.TrueForAll(cells, cell => cell.Length == 0))
                {
                    continue;
                }

                bool isFirst = columns is null;
                Columns? header = isFirst ? Columns.Of(cells, labelColumns) : null;
                columns ??= header ?? new Columns(File: 0, Label: 1, Style: -1);
                if (header is null)
                {
                    lines.Add(columns.Read(row.RowIndex == 0 ? 1 : row.LineNumberFrom, row.Span.ToString(), cells));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TrainerException($"'{path}' cannot be read: {e.Message}");
        }

        return lines;
    }

    /// <summary>A sentence that says what is wrong with a line.</summary>
    /// <param name="label">A description of a valid label: "a digit".</param>
    public static TrainerException Problem(string path, LabelLine line, string label)
    {
        string quoted = line.Line.Length > MaxQuoted ? $"{line.Line[..MaxQuoted]}…" : line.Line;
        string header = line.Number == 1 ? " A header has one column named file and one named label." : "";
        return new TrainerException(
            $"'{path}', line {line.Number}: '{quoted}' is not a file's name, a comma and {label}.{header}");
    }

    /// <summary>Which column has what; -1 for none.</summary>
    private sealed record Columns(int File, int Label, int Style)
    {
        public static Columns? Of(string[] cells, IEnumerable<string> labelColumns)
        {
            int file = Find(FileColumns);
            int label = Find(labelColumns);
            return file >= 0 && label >= 0 ? new Columns(file, label, Find(["style"])) : null;

            int Find(IEnumerable<string> names) =>
                Array.FindIndex(cells, cell => names.Contains(cell, StringComparer.OrdinalIgnoreCase));
        }

        public LabelLine Read(int number, string line, string[] cells)
        {
            return new LabelLine(number, line, (Cell(File) ?? "").Replace('\\', '/'), Cell(Label), Cell(Style) ?? "");

            string? Cell(int column) => column >= 0 && column < cells.Length ? cells[column] : null;
        }
    }
}
