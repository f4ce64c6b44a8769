using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using MnistLstm.Api.OpenInference.Wire;
using MnistLstm.Api.Problems;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// Checks messages before they are parsed: a damaged one gets INVALID_ARGUMENT instead of UNKNOWN, and one that would
/// become very many objects is rejected.
/// </summary>
internal sealed class CheckedServiceBinder(ServiceBinderBase inner) : ServiceBinderBase
{
    /// <summary>A valid request has at most one part for each image, and a few more.</summary>
    private const int MaxParts = 40_000;

    public static void Bind(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase? service) =>
        GRPCInferenceService.BindService(new CheckedServiceBinder(binder), service);

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        Marshaller<TRequest> request = method.RequestMarshaller;
        Marshaller<TRequest> check = Marshallers.Create(request.ContextualSerializer, context =>
        {
            try
            {
                // Looked up at each call, so that the start does not wait until the descriptors are built.
                FileDescriptor file = OpenInferenceGrpcReflection.Descriptor;
                var type = file.FindTypeByName<MessageDescriptor>(typeof(TRequest).Name);
                return Weigh(context.PayloadAsReadOnlySequence(), type, MaxParts) >= 0
                    ? request.ContextualDeserializer(context)
                    : throw Reject($"The message has more than {MaxParts} parts.", ProblemType.InferenceLimit);
            }
            catch (InvalidProtocolBufferException)
            {
                throw Reject(
                    "The message is damaged: it is not of the type that the call takes.", ProblemType.BadInference);
            }
        });
        inner.AddMethod(new Method<TRequest, TResponse>(
            method.Type, method.ServiceName, method.Name, check, method.ResponseMarshaller), handler);
    }

    private static RpcException Reject(string detail, ProblemType type) => new Problem(type, detail).ToException();

    /// <summary>
    /// Estimates from the wire format how many objects a message becomes: one for each field, and one for each of its
    /// bytes. The bytes of float and bytes fields do not count, because they take no more memory than in the message.
    /// Ignores damage.
    /// </summary>
    /// <returns>The parts that are left; negative if there are too many.</returns>
    private static long Weigh(in ReadOnlySequence<byte> message, MessageDescriptor type, long left)
    {
        var reader = new SequenceReader<byte>(message);
        while (left >= 0 && !reader.End)
        {
            uint tag = ReadVarint(ref reader);
            WireFormat.WireType wireType = WireFormat.GetTagWireType(tag);
            uint value = wireType is WireFormat.WireType.Varint or WireFormat.WireType.LengthDelimited
                ? ReadVarint(ref reader)
                : 0;
            long length = Math.Min(reader.Remaining, wireType switch
            {
                WireFormat.WireType.Fixed64 => sizeof(double),
                WireFormat.WireType.Fixed32 => sizeof(float),
                WireFormat.WireType.LengthDelimited => value,
                _ => 0,
            });
            FieldDescriptor? field = type.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag));
            left = field?.FieldType switch
            {
                FieldType.Message => Weigh(reader.UnreadSequence.Slice(0, length), field.MessageType, left - 1),
                FieldType.Float when wireType == WireFormat.WireType.Fixed32 => left,
                FieldType.Float or FieldType.Bytes => left - 1,
                FieldType.String when length > MaxParts => throw Reject(
                    $"'{field.Name}' is too long: {length} bytes.", ProblemType.InferenceLimit),
                _ => left - 1 - length,
            };
            reader.Advance(length);
        }

        return left;
    }

    /// <summary>Reads tags and lengths as the parser does: it ignores all but the lowest 32 bits.</summary>
    private static uint ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        byte next = 0x80;
        for (int shift = 0; shift < 64 && next >= 0x80 && reader.TryRead(out next); shift += 7)
        {
            value |= (ulong)(next & 0x7F) << shift;
        }

        return (uint)value;
    }
}
