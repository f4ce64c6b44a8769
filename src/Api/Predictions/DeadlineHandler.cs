using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Predictions;

/// <summary>
/// Reads the deadline of a request and writes either its answer or its problem. By then, the request's body is
/// released: a client that does not read its answer holds no other memory.
/// </summary>
public abstract class DeadlineHandler(ServiceOptions options)
{
    protected ServiceOptions Options { get; } = options;

    public async Task HandleAsync(HttpContext context)
    {
        using var answer = JsonAnswer.Rent();
        Problem? problem = RequestDeadline.Read(context.Request, Options.RequestTimeout, out long deadline)
            ?? await AnswerAsync(context, answer, deadline);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
        }
        else
        {
            await answer.WriteToAsync(context.Response);
        }
    }

    /// <param name="context">The request and the headers of its response.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <returns>The problem; null if there is an answer, or the client has left.</returns>
    protected abstract ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline);
}
