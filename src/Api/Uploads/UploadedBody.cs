using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>The whole body of a request. Disposing returns its memory.</summary>
public readonly struct UploadedBody : IDisposable
{
    /// <summary>Initial buffer size if the length is unknown.</summary>
    private const int InitialBytes = 16 * 1024;

    /// <summary>
    /// The loop yields the thread after this many bytes; otherwise a fast client would occupy it for its whole body.
    /// </summary>
    private const int BytesAtOnce = 256 * 1024;

    private readonly RequestBuffer _memory;
    private readonly int _length;
    private readonly BodyBudget? _budget;

    private UploadedBody(RequestBuffer memory, int length, BodyBudget budget)
    {
        _memory = memory;
        _length = length;
        _budget = budget;
    }

    private UploadedBody(Problem problem) => Problem = problem;

    /// <summary>Why there is no body; null if there is one.</summary>
    public Problem? Problem { get; }

    public Memory<byte> Memory => _memory.Bytes[.._length];

    /// <summary>Reads the body up to a limit, and decompresses it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">Maximum length. If Content-Length exceeds it, the body is not read at all.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="budget">Charged for the body until it is disposed of.</param>
    public static ValueTask<UploadedBody> ReadAsync(
        HttpContext context, int maxBytes, long deadline, BodyBudget budget)
    {
        LiftServerLimit(context);
        HttpRequest request = context.Request;
        return request.ContentLength > maxBytes ? new(Reject(TooLarge(maxBytes)))
            : CompressedBody.Is(request) ? ReadCompressedAsync(context, maxBytes, deadline, budget)
            : ReadAsync(request.BodyReader, request.ContentLength, maxBytes, deadline, budget);
    }

    public void Dispose()
    {
        _budget?.Release(_length);
        _memory.Dispose();
    }

    /// <summary>
    /// Receives the whole body before decompressing it. A decoder that reads from the server could not be stopped at
    /// the deadline. Its canceled read stays open, and the server then fails to read the rest of the body.
    /// </summary>
    private static async ValueTask<UploadedBody> ReadCompressedAsync(
        HttpContext context, int maxBytes, long deadline, BodyBudget budget)
    {
        if (CompressedBody.FindDecoder(context, out Func<Stream, Stream>? decoder) is { } problem)
        {
            return Reject(problem);
        }

        HttpRequest request = context.Request;
        using UploadedBody compressed = await ReadAsync(
            request.BodyReader, request.ContentLength, maxBytes, deadline, budget);
        if (compressed.Problem is not null)
        {
            return Reject(compressed.Problem);
        }

        PipeReader reader = CompressedBody.Open(compressed.Memory, decoder!);
        try
        {
            return await ReadAsync(reader, announced: null, maxBytes, deadline, budget);
        }
        catch (Exception e) when (CompressedBody.IsDamage(e))
        {
            return Reject(
                ProblemType.BadEncoding.WithDetail("The body is not compressed as its Content-Encoding says."));
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <param name="reader">The reader of the body.</param>
    /// <param name="announced">The body's length; null if it is unknown.</param>
    /// <param name="maxBytes">Maximum length.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="budget">Charged for the bytes in memory.</param>
    private static async ValueTask<UploadedBody> ReadAsync(
        PipeReader reader, long? announced, int maxBytes, long deadline, BodyBudget budget)
    {
        var memory = RequestBuffer.Rent((int)(announced ?? Math.Min(InitialBytes, maxBytes)));
        int length = 0;
        bool complete = false;
        var pace = new UploadPace(budget.MinRate);
        int charged = 0;
        int lengthAtYield = 0;
        try
        {
            while (true)
            {
                ValueTask<ReadResult> reading = reader.ReadAsync();
                ReadResult read = reading.IsCompletedSuccessfully
                    ? reading.Result
                    : await WaitAsync(reader, reading, Math.Min(deadline, pace.FindEnd(length)));
                long needed = length + read.Buffer.Length;
                Problem? problem = read.IsCanceled ? TooLate(deadline <= pace.FindEnd(length))
                    : needed > maxBytes ? TooLarge(maxBytes)
                    : !budget.TryReserve((int)read.Buffer.Length, length) ? BodyBudget.Full
                    : null;
                if (problem is not null)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return Reject(problem);
                }

                charged = (int)needed;
                memory = Grow(memory, length, (int)needed);
                read.Buffer.CopyTo(memory.Bytes.Span[length..]);
                length = (int)needed;
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || length == announced)
                {
                    complete = true;
                    return new UploadedBody(memory, length, budget);
                }

                if (length - lengthAtYield >= BytesAtOnce)
                {
                    lengthAtYield = length;
                    await Task.Yield();
                }
            }
        }
        finally
        {
            if (!complete)
            {
                budget.Release(charged);
                memory.Dispose();
            }
        }
    }

    private static UploadedBody Reject(Problem problem) => new(problem);

    private static Problem TooLarge(int maxBytes) =>
        ProblemType.BodyTooLarge.WithDetail($"The body is larger than {maxBytes} bytes.");

    private static Problem TooLate(bool isAtDeadline) => ProblemType.UploadTimeout.WithDetail(
        isAtDeadline ? "The body did not arrive in time." : "The body arrived too slowly.");

    /// <summary>
    /// This class enforces the limit itself, without an exception. After a rejection the server then reads on for a few
    /// seconds, so that the client receives the answer instead of a connection reset.
    /// </summary>
    private static void LiftServerLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    /// <summary>Waits for more bytes until the deadline; the result is then canceled.</summary>
    /// <remarks>
    /// Disposing the timer waits for a running callback. The connection has one reader for all its requests, so a late
    /// callback would cancel the next request's read.
    /// </remarks>
    private static async ValueTask<ReadResult> WaitAsync(
        PipeReader reader, ValueTask<ReadResult> reading, long deadline)
    {
        await using var timer = new Timer(
            static state => ((PipeReader)state!).CancelPendingRead(),
            reader, Deadline.Remaining(deadline), Timeout.InfiniteTimeSpan);
        return await reading;
    }

    private static RequestBuffer Grow(RequestBuffer memory, int length, int needed)
    {
        if (needed <= memory.Bytes.Length)
        {
            return memory;
        }

        var larger = RequestBuffer.Rent(Math.Max(needed, 2 * memory.Bytes.Length));
        memory.Bytes.Span[..length].CopyTo(larger.Bytes.Span);
        memory.Dispose();
        return larger;
    }
}
