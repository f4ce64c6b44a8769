using System.Globalization;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>The deadline of a request: the client's own timeout, up to the operator's limit.</summary>
public static class RequestDeadline
{
    /// <summary>Seconds, like 2 or 0.5.</summary>
    public const string Header = "Request-Timeout";

    /// <param name="request">The request.</param>
    /// <param name="longest">The operator's limit.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>The problem with the header, or null if there is none.</returns>
    public static Problem? Read(HttpRequest request, TimeSpan longest, out long deadline)
    {
        double seconds = longest.TotalSeconds;
        Problem? problem = null;
        if (request.Headers.TryGetValue(Header, out StringValues values))
        {
            bool usable = values is [{ } text]
                && double.TryParse(
                    text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
                    out double wanted)
                && wanted > 0
                && (seconds = Math.Min(seconds, wanted)) > 0;
            problem = usable ? null : ProblemType.BadHeader.WithDetail(
                $"The header {Header} takes a number of seconds above 0, not '{Excerpt.Of(values)}'.");
        }

        deadline = Deadline.After(TimeSpan.FromSeconds(seconds));
        return problem;
    }
}
