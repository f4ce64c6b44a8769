namespace MnistLstm.Support;

/// <summary>
/// Pictures that people really made, from <c>REAL_DIGITS_DIR</c>: a folder with a <c>labels.csv</c> (file,label).
/// </summary>
public static class RealDigits
{
    public static string Folder
    {
        get
        {
            string? folder = Environment.GetEnvironmentVariable("REAL_DIGITS_DIR");
            Assert.SkipWhen(string.IsNullOrEmpty(folder),
                "REAL_DIGITS_DIR is not set; those pictures do not come with the repository.");
            return folder!;
        }
    }

    public static IReadOnlyList<(string Path, int Label)> Labeled() =>
    [
        .. File.ReadLines(Path.Combine(Folder, "labels.csv"))
            .Skip(1)
            .Select(line => line.Split(','))
            .Select(cells => (Path.Combine(Folder, cells[0]), int.Parse(cells[1])))
    ];

    public static IReadOnlyList<string> NotOneDigit() =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "not-one-digit")).Order(StringComparer.Ordinal)];
}
