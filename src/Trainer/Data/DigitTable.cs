using MnistLstm.Shared;
using MnistLstm.Trainer.Errors;
using nietras.SeparatedValues;

namespace MnistLstm.Trainer.Data;

/// <summary>
/// Digits as a CSV file has them: a label and 784 pixels a line, in the order of the header. Without a header, the
/// label comes first. Kaggle's "Digit Recognizer" and "MNIST in CSV" are such files.
/// </summary>
public static class DigitTable
{
    private const int Columns = RowSequence.Length + 1;
    private const int MaxImages = GzipFile.MaxLength / RowSequence.Length;

    private static readonly string[] LabelColumns = ["label", "class", "digit"];

    /// <returns>Null where the file has no labels, as the one that Kaggle wants to be labeled.</returns>
    /// <exception cref="TrainerException">The file cannot be read; the sentence names the line.</exception>
    public static DataSplit? Read(string path)
    {
        var pixels = new List<byte>();
        var labels = new List<byte>();
        byte[] content = GzipFile.Read(path);
        try
        {
            using SepReader reader =
                Sep.Reader(o => o with { HasHeader = false, DisableColCountCheck = true }).From(content);
            int labelColumn = 0;
            foreach (SepReader.Row row in reader)
            {
                if (row.RowIndex == 0 && IsHeader(row))
                {
                    labelColumn = FindLabel(row);
                    if (labelColumn < 0)
                    {
                        return null;
                    }

                    continue;
                }

                if (row is { ColCount: 1, Span.IsEmpty: true })
                {
                    continue; // a blank line
                }

                if (row.ColCount != Columns)
                {
                    throw new TrainerException(
                        $"'{path}', line {LineOf(row)}: there are {row.ColCount:N0} cells, but a label and "
                        + $"{RowSequence.Length} pixels are {Columns}.");
                }

                if (labels.Count == MaxImages)
                {
                    throw new TrainerException($"'{path}' has more than {MaxImages:N0} images.");
                }

                for (int c = 0; c < Columns; c++)
                {
                    bool isLabel = c == labelColumn;
                    string wanted = isLabel ? "a label from 0 to 9" : "a pixel from 0 to 255";
                    (isLabel ? labels : pixels).Add(Cell(path, row, c, wanted));
                }
            }
        }
        catch (NotSupportedException e)
        {
            throw new TrainerException($"'{path}' cannot be read: {e.Message}");
        }

        return labels.Count == 0
            ? throw new TrainerException($"'{path}' has no images.")
            : DataSplit.Join(
                IdxFile.Create(path, [.. pixels], labels.Count, RowSequence.TimeSteps, RowSequence.Features),
                IdxFile.Create(path, [.. labels], labels.Count),
                new Dictionary<string, string> { [DataSplit.NameOf(path)] = MnistFile.Hash(content) });
    }

    private static bool IsHeader(SepReader.Row row) => !row[0].Span.IsEmpty && !row[0].TryParse<byte>(out _);

    /// <returns>-1 where no column has labels.</returns>
    private static int FindLabel(SepReader.Row row) => Array.FindIndex(
        row[..].ToStringsArray(),
        cell => LabelColumns.Contains(cell.Trim('"', ' '), StringComparer.OrdinalIgnoreCase));

    /// <summary>Sep counts the first line as the second one where it has no header.</summary>
    private static int LineOf(SepReader.Row row) => row.RowIndex == 0 ? 1 : row.LineNumberFrom;

    private static byte Cell(string path, SepReader.Row row, int column, string wanted) =>
        row[column].TryParse(out byte value)
        ? value
        : throw new TrainerException(
            $"'{path}', line {LineOf(row)}, column {column + 1}: '{row[column].ToString()}' is not {wanted}.");
}
