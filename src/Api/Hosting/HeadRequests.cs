namespace MnistLstm.Api.Hosting;

/// <summary>HEAD, wherever there is GET.</summary>
public static class HeadRequests
{
    /// <summary>
    /// Routes and answers HEAD as GET. The web server knows what the client sent and leaves the body out.
    /// </summary>
    public static void UseHead(this WebApplication app)
    {
        app.Use(static (context, next) => HttpMethods.IsHead(context.Request.Method)
            ? AnswerAsGetAsync(context, next)
            : next(context));
        app.UseRouting();
    }

    private static async Task AnswerAsGetAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = HttpMethods.Get;
        try
        {
            await next(context);
        }
        finally
        {
            // Metrics, traces and problems name what the client sent.
            context.Request.Method = HttpMethods.Head;
        }
    }
}
