using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Tests.OpenInference;

/// <summary>A gRPC call whose handler fails.</summary>
public sealed class GrpcDefectTests
{
    [Fact]
    public async Task A_failure_of_the_service_is_logged_and_internal()
    {
        var log = new Log();

        RpcException error = await CallAsync(log, new InvalidOperationException(), stop: default);

        error.StatusCode.ShouldBe(StatusCode.Internal);
        error.Status.Detail.ShouldStartWith("The service failed on this call. Please report it");
        log.Lines.ShouldHaveSingleItem().ShouldStartWith("gRPC /a/b failed with an unhandled exception");
    }

    [Fact]
    public async Task Every_call_is_watched()
    {
        await using GrpcClient grpc = await GrpcClient.StartAsync();

        grpc.Service.Services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.Interceptors
            .ShouldHaveSingleItem().Type.ShouldBe(typeof(GrpcDefects));
    }

    [Fact]
    public async Task A_refusal_is_no_failure()
    {
        var log = new Log();

        var refusal = new RpcException(new Status(StatusCode.InvalidArgument, "Blank."));
        RpcException error = await CallAsync(log, refusal, stop: default);

        error.ShouldBe(refusal);
        log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_has_left_is_no_failure()
    {
        var log = new Log();

        await Should.ThrowAsync<IOException>(() => InvokeAsync(log, new IOException(), new CancellationToken(true)));

        log.Lines.ShouldBeEmpty();
    }

    private static Task<RpcException> CallAsync(Log log, Exception failure, CancellationToken stop) =>
        Should.ThrowAsync<RpcException>(() => InvokeAsync(log, failure, stop));

    private static Task<string> InvokeAsync(Log log, Exception failure, CancellationToken stop) =>
        new GrpcDefects(log).UnaryServerHandler<string, string>(
            "", new Call(stop), (_, _) => Task.FromException<string>(failure));

    private sealed class Log : ILogger<GrpcDefects>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }

    private sealed class Call(CancellationToken stop) : ServerCallContext
    {
        protected override string MethodCore => "/a/b";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => stop;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new(null, []);

        protected override IDictionary<object, object> UserStateCore { get; } =
            new Dictionary<object, object> { ["__HttpContext"] = new DefaultHttpContext() };

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
            throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
