using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MnistLstm.Api.Tests;

/// <summary>
/// A failure of the service itself is answered 500, logged and counted, whatever kind of exception it is.
/// </summary>
public sealed class ServerFailureTests
{
    public static TheoryData<string> Failures =>
        ["IOException", "OperationCanceledException", "InvalidOperationException"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_with_the_client_still_connected_is_answered_logged_and_counted(string failure)
    {
        using var log = new ErrorLog();
        await using RunningService service = await RunningService.StartAsync(app => Fail(app, failure, log));
        long before = await CountAsync(service);

        using HttpResponseMessage response = await service.Client.GetAsync("/failure");

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        JsonElement problem = await response.ReadJsonAsync();
        problem.GetProperty("type").GetString().ShouldBe("/problems/internal-error");
        log.Lines.ShouldHaveSingleItem().ShouldStartWith("GET /failure failed with an unhandled exception");
        (await CountAsync(service)).ShouldBe(before + 1);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_after_the_answer_began_breaks_the_connection(string failure)
    {
        using var log = new ErrorLog();
        await using RunningService service = await RunningService.StartAsync(app => Fail(app, failure, log));

        await Should.ThrowAsync<HttpRequestException>(service.Client.GetStringAsync("/failure?late=true"));

        log.Lines.ShouldHaveSingleItem().ShouldStartWith("GET /failure failed with an unhandled exception");
    }

    private static void Fail(WebApplication app, string failure, ErrorLog log)
    {
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        app.MapGet("/failure", async context =>
        {
            if (context.Request.Query.ContainsKey("late"))
            {
                await context.Response.WriteAsync("half an answer");
                await context.Response.Body.FlushAsync();
            }

            throw failure switch
            {
                "IOException" => new IOException("No space left on device"),
                "OperationCanceledException" => new OperationCanceledException(),
                _ => new InvalidOperationException(),
            };
        });
    }

    private static async Task<long> CountAsync(RunningService service)
    {
        string metrics = await service.Client.GetStringAsync("/metrics");
        string? line = metrics.Split('\n').FirstOrDefault(line =>
            line.StartsWith("mnist_lstm_refusals", StringComparison.Ordinal)
                && line.Contains("\"internal-error\"", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Errors that are logged.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
