using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Uploads;

/// <summary>Answers requests before their deadlines, or writes why there is no answer.</summary>
public abstract class DeadlineHandler(ServiceOptions options)
{
    protected ServiceOptions Options { get; } = options;

    public async Task HandleAsync(HttpContext context)
    {
        Problem? problem = RequestDeadline.Read(context.Request, Options.RequestTimeout, out long deadline)
            ?? await AnswerAsync(context, deadline);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
    }

    /// <param name="context">The request, and where its answer is written.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>Why there is no answer; null once the answer is written.</returns>
    protected abstract ValueTask<Problem?> AnswerAsync(HttpContext context, long deadline);
}
