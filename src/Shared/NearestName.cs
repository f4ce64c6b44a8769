namespace MnistLstm.Shared;

/// <summary>Finds the known name that a misspelled one was probably meant to be.</summary>
public static class NearestName
{
    /// <summary>Longer names never match, which limits the work to 64 x 64 steps for each known name.</summary>
    private const int MaxLength = 64;

    /// <summary>One edit is allowed for every three characters: one in "model", two in "explain".</summary>
    private const int CharactersPerEdit = 3;

    /// <param name="name">Compared without regard to case.</param>
    /// <param name="known">The names that exist.</param>
    /// <returns>The known name with the fewest edits; null if none is similar.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string candidate in known)
        {
            int longer = Math.Max(name.Length, candidate.Length);
            if (longer > MaxLength)
            {
                continue;
            }

            int edits = CountEdits(name, candidate);
            if (edits <= longer / CharactersPerEdit && edits < fewest)
            {
                (nearest, fewest) = (candidate, edits);
            }
        }

        return nearest;
    }

    /// <summary>
    /// Optimal string alignment distance: insertions, deletions, replacements and swaps of two neighbors. It is by
    /// Damerau, Communications of the ACM 7 (1964), with the recurrence of Wagner and Fischer.
    /// </summary>
    private static int CountEdits(string one, string other)
    {
        // Three rows of the table of edits between prefixes: two characters back, one character back, and the present
        // one.
        Span<int> table = stackalloc int[3 * (MaxLength + 1)];
        Span<int> twoBack = table[..(MaxLength + 1)];
        Span<int> oneBack = table.Slice(MaxLength + 1, MaxLength + 1);
        Span<int> row = table[(2 * (MaxLength + 1))..];
        for (int j = 0; j <= other.Length; j++)
        {
            oneBack[j] = j;
        }

        for (int i = 1; i <= one.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = oneBack[j - 1] + (IsSame(one[i - 1], other[j - 1]) ? 0 : 1);
                row[j] = Math.Min(replaced, 1 + Math.Min(oneBack[j], row[j - 1]));
                bool isSwap = i > 1 && j > 1 && IsSame(one[i - 1], other[j - 2]) && IsSame(one[i - 2], other[j - 1]);
                row[j] = isSwap ? Math.Min(row[j], twoBack[j - 2] + 1) : row[j];
            }

            Span<int> free = twoBack;
            twoBack = oneBack;
            oneBack = row;
            row = free;
        }

        return oneBack[other.Length];
    }

    private static bool IsSame(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
