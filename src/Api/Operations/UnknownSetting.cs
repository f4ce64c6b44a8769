namespace MnistLstm.Api.Operations;

/// <summary>A name where a setting is expected that no setting has, most likely a misspelled one.</summary>
/// <param name="Name">As it was found: <c>MNIST_WOKERS</c>.</param>
/// <param name="Nearest">The setting that was probably meant; null where none is similar.</param>
public sealed record UnknownSetting(string Name, string? Nearest)
{
    private static readonly string[] ProtectiveWords = ["KEY", "TOKEN", "SECRET", "PASSWORD", "AUTH"];

    /// <summary>Whether ignoring it could leave the service open.</summary>
    public bool LooksProtective => ProtectiveWords.Any(word =>
        Name.Contains(word, StringComparison.OrdinalIgnoreCase) || Nearest?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);

    public string Advice => Nearest is null ? "There is no setting of a similar name." : $"Did you mean {Nearest}?";

    /// <returns>Null if the name is none of a setting and similar to none.</returns>
    public static string? FindNearest(string name, IEnumerable<string> known)
    {
        // A third of the letters wrong is still a slip; more is another word.
        int limit = Math.Max(2, name.Length / 3);
        return known
            .Select(candidate => (Name: candidate, Distance: EditDistance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= limit)
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    /// <summary>Levenshtein's: letters to insert, delete or replace.</summary>
    private static int EditDistance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
