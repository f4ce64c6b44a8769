namespace MnistLstm.Trainer.Evaluation;

/// <summary>How well numbers are read: exact strings, and counts for precision and recall of their digits.</summary>
public sealed class NumberMetrics
{
    /// <summary>Pictures so far.</summary>
    public int Numbers { get; private set; }

    /// <summary>Pictures read without a mistake.</summary>
    public int Exact { get; private set; }

    /// <summary>Digits in the pictures.</summary>
    public int TrueDigits { get; private set; }

    /// <summary>Digits that were read.</summary>
    public int ReadDigits { get; private set; }

    /// <summary>Digits that were read right, as <see cref="CountMatches"/> aligns them.</summary>
    public int Matches { get; private set; }

    /// <summary>Counts one picture.</summary>
    /// <param name="text">The digits in the picture.</param>
    /// <param name="read">The digits that were read; anything else is a mistake.</param>
    /// <returns>Whether both are the same.</returns>
    public bool Add(string text, string read)
    {
        bool isExact = text == read;
        Numbers++;
        Exact += isExact ? 1 : 0;
        TrueDigits += text.Length;
        ReadDigits += read.Count(char.IsAsciiDigit);
        Matches += CountMatches(text, read);
        return isExact;
    }

    /// <summary>
    /// Characters that an alignment of the least edit distance (Levenshtein, 1966) pairs with equal ones; where several
    /// alignments have that distance, the most.
    /// </summary>
    public static int CountMatches(ReadOnlySpan<char> text, ReadOnlySpan<char> read)
    {
        var row = new (int Edits, int Matches)[read.Length + 1];
        for (int j = 0; j <= read.Length; j++)
        {
            row[j] = (j, 0);
        }

        for (int i = 1; i <= text.Length; i++)
        {
            (int Edits, int Matches) diagonal = row[0];
            row[0] = (i, 0);
            for (int j = 1; j <= read.Length; j++)
            {
                (int Edits, int Matches) paired = text[i - 1] == read[j - 1]
                    ? (diagonal.Edits, diagonal.Matches + 1)
                    : (diagonal.Edits + 1, diagonal.Matches);
                (int Edits, int Matches) deleted = (row[j].Edits + 1, row[j].Matches);
                (int Edits, int Matches) inserted = (row[j - 1].Edits + 1, row[j - 1].Matches);
                diagonal = row[j];
                row[j] = Better(paired, Better(deleted, inserted));
            }
        }

        return row[^1].Matches;
    }

    private static (int Edits, int Matches) Better((int Edits, int Matches) a, (int Edits, int Matches) b) =>
        a.Edits < b.Edits || (a.Edits == b.Edits && a.Matches >= b.Matches) ? a : b;
}
