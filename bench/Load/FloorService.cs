using System.IO.Pipelines;

namespace MnistLstm.Load;

/// <summary>Reads the body and answers a constant: what HTTP alone costs on this machine.</summary>
internal static class FloorService
{
    private static readonly byte[] Answer =
        [
            .. """{"digit":3,"probability":0.99,"probabilities":"""u8,
            .. """[0.001,0.001,0.001,0.99,0.001,0.001,0.001,0.002,0.001,0.001],"isDigit":true,"model":"""u8,
            .. """{"name":"floor","version":"0"}}"""u8,
        ];

    public static async Task RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        await using WebApplication app = builder.Build();
        app.MapPost("/predict", AnswerAsync);
        await app.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        await context.Response.BodyWriter.WriteAsync(Answer);
    }
}
