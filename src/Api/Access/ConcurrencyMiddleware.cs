using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Access;

/// <summary>Limits the number of concurrent requests, and with it the memory of their bodies.</summary>
internal sealed class ConcurrencyMiddleware(RequestDelegate next, ServiceOptions options)
{
    private int _running;

    public async Task InvokeAsync(HttpContext context)
    {
        if (AccessApi.IsOpen(context.Request.Path, options))
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _running) > options.MaxConcurrentRequests)
            {
                await ProblemType.Overloaded.WithDetail(
                    $"The service is already working on {options.MaxConcurrentRequests} requests.").WriteAsync(context);
            }
            else
            {
                await next(context);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
