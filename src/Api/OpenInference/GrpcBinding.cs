using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Binds the service so that its messages are checked first: a damaged one is answered INVALID_ARGUMENT, not UNKNOWN,
/// and one that would become very many objects is not parsed.
/// </summary>
internal sealed class GrpcBinding(ServiceBinderBase inner) : ServiceBinderBase
{
    /// <summary>More than an element for each image.</summary>
    private const int MaxParts = 40_000;

    /// <summary>Messages whose fields weigh differently, from the outermost inwards.</summary>
    private enum Level
    {
        Request,
        Input,
        Contents,
    }

    public static void Bind(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase? service) =>
        GRPCInferenceService.BindService(new GrpcBinding(binder), service);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(
            new Method<TRequest, TResponse>(
                method.Type, method.ServiceName, method.Name, Check(method.RequestMarshaller),
                method.ResponseMarshaller),
            handler);

    private static Marshaller<T> Check<T>(Marshaller<T> marshaller) => Marshallers.Create(
        marshaller.ContextualSerializer,
        context =>
        {
            if (Weigh(context.PayloadAsReadOnlySequence(), Level.Request, MaxParts) < 0)
            {
                throw new Problem(ProblemType.BadInference, $"The message has more than {MaxParts} parts.")
                    .ToException();
            }

            try
            {
                return marshaller.ContextualDeserializer(context);
            }
            catch (InvalidProtocolBufferException)
            {
                throw new Problem(ProblemType.BadInference,
                    "The message is damaged: it is not of the type that the call takes.").ToException();
            }
        });

    /// <summary>
    /// Estimates by its wire format how many objects a message becomes: one a field, and one a byte of what is not
    /// values.
    /// Floats and bytes cost no more than their own size.
    /// </summary>
    /// <returns>The parts that are left; negative where there are too many. The parser finds damage.</returns>
    private static long Weigh(in ReadOnlySequence<byte> message, Level level, long left)
    {
        var reader = new SequenceReader<byte>(message);
        while (left >= 0 && TryReadVarint(ref reader, out ulong tag))
        {
            ulong field = tag >> 3;
            left--;
            switch (tag & 7)
            {
                case 0:
                    TryReadVarint(ref reader, out _);
                    break;
                case 1:
                    reader.Advance(Math.Min(sizeof(double), reader.Remaining));
                    break;
                case 5:
                    left += level == Level.Contents && field == InferTensorContents.Fp32ContentsFieldNumber ? 1 : 0;
                    reader.Advance(Math.Min(sizeof(float), reader.Remaining));
                    break;
                case 2 when TryReadVarint(ref reader, out ulong length) && length <= (ulong)reader.Remaining:
                    left = (level, field) switch
                    {
                        (Level.Request, ModelInferRequest.InputsFieldNumber)
                            or (Level.Input, ModelInferRequest.Types.InferInputTensor.ContentsFieldNumber) =>
                            Weigh(reader.UnreadSequence.Slice(0, (long)length), level + 1, left),
                        (Level.Request, ModelInferRequest.RawInputContentsFieldNumber)
                            or (Level.Contents, InferTensorContents.Fp32ContentsFieldNumber
                                or InferTensorContents.BytesContentsFieldNumber) => left,
                        _ => left - (long)length,
                    };
                    reader.Advance((long)length);
                    break;
            }
        }

        return left;
    }

    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && reader.TryRead(out byte next); shift += 7)
        {
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
