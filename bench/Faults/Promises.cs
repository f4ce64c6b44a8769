namespace MnistLstm.Faults;

/// <summary>The promises of a run.</summary>
internal static class Promises
{
    /// <summary>Prints each promise that is broken.</summary>
    /// <returns>Whether all were kept.</returns>
    public static bool Hold(params ReadOnlySpan<(bool IsKept, string Promise)> promises)
    {
        bool held = true;
        foreach ((bool isKept, string promise) in promises)
        {
            if (!isKept)
            {
                Console.WriteLine($"  Broken: {promise}");
                held = false;
            }
        }

        return held;
    }

    /// <summary>Every request was answered 200, and none with another picture's answer.</summary>
    public static (bool IsKept, string Promise) AllRight(Answers answers) => (
        answers.Wrong == 0 && answers.Outcomes.Keys.SequenceEqual([Answers.Ok]),
        $"every request gets its right answer, but {answers}");
}
