using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// The whole body of a request, its memory given back on disposal: to a pool, or to the system where it is large.
/// </summary>
public readonly struct UploadedBody : IDisposable
{
    /// <summary>First guess where the length is not announced.</summary>
    private const int InitialBytes = 16 * 1024;

    /// <summary>
    /// The loop yields the thread after this many bytes. A fast client would otherwise keep it for its whole body.
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

    /// <summary>Why there is no body to work on; null if there is one.</summary>
    public Problem? Problem { get; }

    public Memory<byte> Memory => _memory.Bytes[.._length];

    /// <summary>Reads the body, decompressed if it is compressed, but never more than is allowed.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">A longer body is refused: before it is read where its length is announced.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="budget">Charged with the bytes that are held, until the body is disposed of.</param>
    public static ValueTask<UploadedBody> ReadAsync(
        HttpContext context, int maxBytes, long deadline, BodyBudget budget)
    {
        LiftServerLimit(context);
        HttpRequest request = context.Request;
        return request.ContentLength > maxBytes ? new(Refuse(TooLarge(maxBytes)))
            : CompressedBody.Is(request) ? ReadCompressedAsync(context, maxBytes, deadline, budget)
            : ReadAsync(request.BodyReader, request.ContentLength, maxBytes, deadline, budget);
    }

    public void Dispose()
    {
        _budget?.Give(_length);
        _memory.Dispose();
    }

    /// <summary>
    /// Receives the body whole before it is decompressed. A decoder that reads from the server could not be stopped at
    /// the deadline: its canceled read stays open, and the server then fails to read the rest of the body.
    /// </summary>
    private static async ValueTask<UploadedBody> ReadCompressedAsync(
        HttpContext context, int maxBytes, long deadline, BodyBudget budget)
    {
        if (CompressedBody.FindDecoder(context, out Func<Stream, Stream>? decoder) is { } problem)
        {
            return Refuse(problem);
        }

        HttpRequest request = context.Request;
        using UploadedBody compressed = await ReadAsync(
            request.BodyReader, request.ContentLength, maxBytes, deadline, budget);
        if (compressed.Problem is not null)
        {
            return Refuse(compressed.Problem);
        }

        PipeReader reader = CompressedBody.Open(compressed.Memory, decoder!);
        try
        {
            return await ReadAsync(reader, announced: null, maxBytes, deadline, budget);
        }
        catch (Exception e) when (CompressedBody.IsDamage(e))
        {
            return Refuse(ProblemType.BadEncoding.Because("The body is not compressed as its Content-Encoding says."));
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <param name="reader">Reads the body.</param>
    /// <param name="announced">The body's length, if it is known before.</param>
    /// <param name="maxBytes">A longer body is refused.</param>
    /// <param name="deadline">A timestamp of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="budget">Charged with the bytes that are held.</param>
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
                Problem? problem = read.IsCanceled ? TooLate(deadline)
                    : needed > maxBytes ? TooLarge(maxBytes)
                    : !budget.TryTake((int)read.Buffer.Length, length) ? BodyBudget.Full
                    : null;
                if (problem is not null)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return Refuse(problem);
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
                budget.Give(charged);
                memory.Dispose();
            }
        }
    }

    private static UploadedBody Refuse(Problem problem) => new(problem);

    private static Problem TooLarge(int maxBytes) =>
        ProblemType.BodyTooLarge.Because($"The upload is larger than {maxBytes} bytes.");

    private static Problem TooLate(long deadline) => ProblemType.UploadTimeout.Because(
        Deadline.Remaining(deadline) == TimeSpan.Zero
            ? "The body did not arrive in time."
            : "The body came too slowly.");

    /// <summary>
    /// The limit is kept here, without an exception. The server then reads on for a few seconds after a refusal, so
    /// that the client gets to see the answer and not a reset connection.
    /// </summary>
    private static void LiftServerLimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    /// <summary>Waits for bytes that are still on their way, until the deadline: then the result is canceled.</summary>
    /// <remarks>
    /// The disposal waits for a callback that is running: the connection has one reader for all its requests, and the
    /// next one's read would be canceled.
    /// </remarks>
    private static async ValueTask<ReadResult> WaitAsync(
        PipeReader reader, ValueTask<ReadResult> reading, long deadline)
    {
        await using var timer = new Timer(
            static state => ((PipeReader)state!)
            .CancelPendingRead(), reader, Deadline.Remaining(deadline), Timeout.InfiniteTimeSpan);
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
