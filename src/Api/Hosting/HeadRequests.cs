namespace MnistLstm.Api.Hosting;

/// <summary>Answers HEAD wherever GET is answered.</summary>
public static class HeadRequests
{
    /// <summary>
    /// Routes and answers HEAD as GET. The web server omits the body, since it knows the original method.
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
            // Metrics, traces and problems show the original method.
            context.Request.Method = HttpMethods.Head;
        }
    }
}
