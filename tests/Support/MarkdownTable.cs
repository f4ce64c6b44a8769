namespace MnistLstm.Support;

/// <summary>Tables of the documents, which tests hold against what they tell of.</summary>
public static class MarkdownTable
{
    /// <summary>The cells below a header, up to the first line that is no row.</summary>
    public static string[][] Rows(string text, string header)
    {
        string[] lines = text.Split('\n');
        int start = Array.IndexOf(lines, header);
        return start < 0
            ? throw new InvalidOperationException($"The document has no table '{header}'.")
            : [.. lines.Skip(start + 2).TakeWhile(line => line.StartsWith('|'))
                .Select(line => line.Trim('|', ' ').Split(" | "))];
    }

    /// <summary>A table without its header.</summary>
    public static string Write(IEnumerable<string[]> rows) =>
        string.Join('\n', rows.Select(row => $"| {string.Join(" | ", row)} |"));
}
