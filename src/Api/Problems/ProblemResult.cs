namespace MnistLstm.Api.Problems;

/// <summary>A <see cref="Problem"/> as the outcome of a handler.</summary>
public sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
}
