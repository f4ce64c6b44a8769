using System.Globalization;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>One of several equal parts of some work, for as many machines: every <see cref="Count"/>-th item.</summary>
/// <param name="Index">0 to <paramref name="Count"/> − 1.</param>
/// <param name="Count">Parts in all.</param>
public readonly record struct Shard(int Index, int Count)
{
    public static readonly Shard Whole = new(0, 1);

    /// <summary>Reads <c>I/N</c>, I from 0 to N − 1.</summary>
    /// <exception cref="TrainerException">The text is something else.</exception>
    public static Shard Parse(string text)
    {
        return text.Split('/') is [string first, string second] && Number(first) is { } index
            && Number(second) is { } count && index < count
            ? new Shard(index, count)
            : throw new TrainerException(
                $"--shard is '{text}', but it must be I/N, the part I from 0 to N - 1 of N: 0/4, 1/4, 2/4 or 3/4.");
    }

    public IEnumerable<T> Of<T>(IEnumerable<T> items)
    {
        (int own, int count) = (Index, Count);
        return items.Where((_, n) => n % count == own);
    }

    public override string ToString() => $"{Index}/{Count}";

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, null, out int value) ? value : null;
}
