namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>
/// Letters of 18 scripts, and signs, as people write them, from the resource <c>glyphs.txt</c>. Left out is what
/// is a digit too, or nearly: O o Q D, I l i j !, Z z, S s, b, g, q, a y with a round bowl, ? and ∫.
/// </summary>
public static class LetterStrokes
{
    private const string Resource = "glyphs.txt";

    /// <summary>Each sign's ways of being written.</summary>
    public static IReadOnlyList<Glyph> All { get; } = Read();

    private static Glyph[] Read()
    {
        using Stream stream = typeof(LetterStrokes).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line[0] != '#')
                .Select(line => line.Split(' ', 3))
                .Select(fields => Glyph.Parse(fields[0], fields[1], fields[2])),
        ];
    }
}
