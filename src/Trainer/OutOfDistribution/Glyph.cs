using System.Numerics;

namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>One way of writing a sign.</summary>
/// <param name="Strokes">[strokes][points] in the unit square; a point that comes twice is a corner.</param>
public sealed record Glyph(string Script, string Name, Vector2[][] Strokes)
{
    private const float Grid = 9;

    /// <param name="strokes">Points as two digits, column and row, with spaces between; | ends a stroke.</param>
    public static Glyph Parse(string script, string name, string strokes) => new(
        script,
        name,
        [.. strokes.Split('|').Select(stroke =>
            stroke.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ToPoint).ToArray())]);

    private static Vector2 ToPoint(string text) => text is [>= '0' and <= '9', >= '0' and <= '9']
        ? new Vector2(text[0] - '0', text[1] - '0') / Grid
        : throw new FormatException($"'{text}' is not a point; a point is two digits.");
}
