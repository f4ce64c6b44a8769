using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Uploads;

/// <summary>Reads the deadline of a request and writes either its answer or its problem.</summary>
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

    /// <param name="context">The request and its response.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>The problem; null if the answer is written.</returns>
    protected abstract ValueTask<Problem?> AnswerAsync(HttpContext context, long deadline);
}
